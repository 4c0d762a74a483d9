"""A 64-bit Arm processor, a Neoverse N1 with NEON, emulated by qemu, and Python on it; all of it is in build/arm.

qemu and an arm64 Python come out of Debian's packages, what nnctl needs out of wheels for aarch64. That takes apt-get
and dpkg-deb on x86-64, but no root, and nothing is installed.
"""

from __future__ import annotations

import getpass
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.support.command import ROOT

ARM = ROOT / "build" / "arm"
_READY = ARM / "ready"  # holds the requirements that were installed
_TOOLS = ("pytest", "hypothesis")
_WHEELS = ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")

_APT = """\
APT {{
  Architecture "arm64"; Architectures {{ "arm64"; "amd64"; }}; Install-Recommends "false"; Sandbox::User "{user}";
}};
Dir {{
  State "{arm}"; State::status "{arm}/status"; Cache "{arm}"; Etc::sourcelist "{arm}/sources";
  Etc::sourceparts "/dev/null"; Etc::parts "/dev/null"; Etc::preferencesparts "/dev/null";
}};
Acquire {{ Languages "none"; Check-Valid-Until "false"; Check-Date "false"; }};
"""

# LLVM reads the processor's name and features here; qemu would show the host's
_CPUINFO = """\
processor\t: 0
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp ssbs
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x3
CPU part\t: 0xd0c
CPU revision\t: 1
"""


def prepare() -> None:
    """Set the emulator up, unless that was done before with the same requirements."""
    requirements = _requirements()
    if _READY.exists() and _READY.read_text() == "\n".join(requirements):
        return
    if platform.machine() != "x86_64" or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        sys.exit("make test-arm needs Debian on x86-64: its packages of qemu and of Python for arm64")
    print("setting up an emulated Arm processor in build/arm", flush=True)
    shutil.rmtree(ARM, ignore_errors=True)
    _unpack_packages()
    (ARM / "root/proc").mkdir()
    (ARM / "root/proc/cpuinfo").write_text(_CPUINFO)
    _install(requirements)
    _READY.write_text("\n".join(requirements))


def command(*arguments: str) -> list[str]:
    """The command that runs the emulated Python with these arguments, in `environment()`."""
    return [str(ARM / "qemu-aarch64-static"), str(_python()), *arguments]


def environment() -> dict[str, str]:
    own = {
        "QEMU_CPU": "neoverse-n1",  # with all that qemu can, NumPy's own products warn
        "QEMU_LD_PREFIX": str(ARM / "root"),
        "PYTHONPATH": f"{ARM / 'site'}:{ROOT}",
        "NNCTL_CACHE_DIR": str(ARM / "cache"),
    }
    return os.environ | own


def _python() -> Path:
    (python,) = (path for path in (ARM / "root/usr/bin").iterdir() if re.fullmatch(r"python3\.\d+", path.name))
    return python


def _requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tools = [item for item in project["optional-dependencies"]["dev"] if re.split("[^a-z-]", item)[0] in _TOOLS]
    return [*project["dependencies"], *tools]


def _unpack_packages() -> None:
    archives = ARM / "archives"
    for folder in ("lists/partial", "archives/partial", "root"):
        (ARM / folder).mkdir(parents=True)
    (ARM / "status").touch()
    (ARM / "sources").write_text(_source())
    (ARM / "apt.conf").write_text(_APT.format(arm=ARM, user=getpass.getuser()))
    apt = os.environ | {"APT_CONFIG": str(ARM / "apt.conf")}
    subprocess.run(["apt-get", "-qq", "update"], env=apt, check=True)
    subprocess.run(["apt-get", "-qq", "-y", "--download-only", "install", "python3", "libstdc++6"], env=apt, check=True)
    subprocess.run(["apt-get", "-qq", "download", "qemu-user-static:amd64"], env=apt, cwd=archives, check=True)
    for package in archives.glob("*.deb"):
        target = ARM / "qemu" if package.name.startswith("qemu-user-static_") else ARM / "root"
        subprocess.run(["dpkg-deb", "-x", package, target], check=True)
    (ARM / "qemu/usr/bin/qemu-aarch64-static").rename(ARM / "qemu-aarch64-static")
    for folder in ("qemu", "archives", "lists"):
        shutil.rmtree(ARM / folder)


def _source() -> str:
    """A line of apt's list of sources: this system's mirror and release."""
    files = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n".join(file.read_text() for file in files if file.is_file())
    mirror = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian)/?\s", text, re.MULTILINE)
    if mirror is None:
        sys.exit("make test-arm: /etc/apt names no mirror of Debian")
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    return f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror[1]} {release} main\n"


def _install(requirements: list[str]) -> None:
    version = _python().name.removeprefix("python")
    platforms = [option for name in _WHEELS for option in ("--platform", name)]
    options = ["--target", str(ARM / "site"), "--only-binary=:all:", "--python-version", version, *platforms]
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check", "-c", str(ROOT / "constraints.txt")]
    subprocess.run([sys.executable, "-m", "pip", "install", *quiet, *options, *requirements], check=True)
