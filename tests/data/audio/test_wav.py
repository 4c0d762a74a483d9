"""WAV files: every kind of number, and everything that can be wrong with them."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.audio.wav import read_header, read_signal
from nnctl.errors import DataError
from tests.support.sounds import EXTENSIBLE, FLOAT, PCM, Array, chunk, pcm16, tone, wav_bytes, write_wav
from tests.support.sources import refusal

GUID = bytes.fromhex("0000 1000 8000 00aa00389b71")  # behind the tag of an extensible format


def signal_of(path: Path, most: int = 1 << 30) -> Array:
    return read_signal(path, read_header(path), most)


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("tag", "bits", "data", "expected"),
    [
        (PCM, 8, bytes([0, 128, 129, 255]), [-1, 0, 1 / 128, 127 / 128]),
        (PCM, 16, struct.pack("<4h", -32768, 0, 1, 32767), [-1, 0, 1 / 32768, 32767 / 32768]),
        (PCM, 24, bytes.fromhex("000080 000000 010000 ffff7f"), [-1, 0, 2.0**-23, 1 - 2.0**-23]),
        (PCM, 32, struct.pack("<4i", -(2**31), 0, 1, 2**31 - 1), [-1, 0, 2.0**-31, 1 - 2.0**-31]),
        (FLOAT, 32, struct.pack("<4f", -1, 0, 0.25, 1.5), [-1, 0, 0.25, 1.5]),
        (FLOAT, 64, struct.pack("<4d", -1, 0, 0.1, 1.5), [-1, 0, 0.1, 1.5]),
    ],
)
def test_kinds_of_numbers(tmp_path: Path, tag: int, bits: int, data: bytes, expected: list[float]) -> None:
    plain = saved(tmp_path / "plain.wav", wav_bytes(data, tag, bits=bits))
    assert signal_of(plain).tolist() == expected
    stereo = saved(tmp_path / "stereo.wav", wav_bytes(data, tag, channels=2, bits=bits))
    assert signal_of(stereo).tolist() == [(expected[0] + expected[1]) / 2, (expected[2] + expected[3]) / 2]
    width = bits // 8
    form = struct.pack("<HHIIHHHHIH", EXTENSIBLE, 1, 8000, 8000 * width, width, bits, 22, bits, 4, tag) + GUID
    body = b"WAVE" + chunk(b"fmt ", form) + chunk(b"data", data)
    extensible = saved(tmp_path / "extensible.wav", b"RIFF" + struct.pack("<I", len(body)) + body)
    assert signal_of(extensible).tolist() == expected


def test_what_a_header_says(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", np.zeros((100, 2)), rate=44100)
    header = read_header(path)
    assert (header.rate, header.channels, header.samples, header.start) == (44100, 2, 100, 44)


def test_other_chunks_are_skipped(tmp_path: Path) -> None:
    data = pcm16(tone(440, 0.1))
    odd = chunk(b"LIST", b"a note of an odd length")
    path = saved(tmp_path / "a.wav", wav_bytes(data, before=odd) + chunk(b"id3 ", b"behind the sound"))
    np.testing.assert_array_equal(signal_of(path), signal_of(saved(tmp_path / "b.wav", wav_bytes(data))))


def test_the_beginning_alone(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(440, 0.1))
    np.testing.assert_array_equal(signal_of(path, 50), signal_of(path)[:50])


SOUND = wav_bytes(pcm16(tone(440, 0.1)))


def with_length(length: int) -> bytes:
    return SOUND[:40] + struct.pack("<I", length) + SOUND[44:]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (SOUND[:-100], "is truncated: its header says 1,600 bytes of sound, 1,500 bytes follow"),
        (SOUND[:44], "1,600 bytes of sound, 0 bytes follow"),
        (SOUND[:45], "1,600 bytes of sound, 1 byte follows"),
        (SOUND[:7], "is damaged: its header is cut off"),
        (SOUND[:12], "has no format in it"),
        (SOUND[:30], "its format is cut off"),
        (SOUND[:36], "has no sound in it"),
        (wav_bytes(b""), "holds no sound: it has 0 samples help: take it out of the folder"),
        (wav_bytes(b"123"), "3 bytes of sound are no whole number of samples of 2"),
        (with_length(0), "holds no sound"),
        (SOUND[:4] + struct.pack("<I", 36) + with_length(0)[8:], "does not say how long it is"),
        (with_length(0xFFFFFFFF), "does not say how long it is: it was written into a pipe help: convert it"),
        (b"hello, world, this is text", "is not a WAV file: it begins with 68 65 6c 6c 6f 2c 20 77"),
        (b"RIFF\0\0\0\0AVI LIST", "is not a WAV file"),
        (b"fLaC" + bytes(40), "is FLAC, not a WAV file help: convert it"),
        (b"RIFX" + bytes(40), "is big-endian WAV"),
        (b"ID3\4" + bytes(40), "is MP3, not a WAV file"),
        (wav_bytes(b"1234", tag=7, bits=8), "is compressed (mu-law), which nnctl does not read"),
        (wav_bytes(b"1234", tag=0x1234), "is compressed (codec 4660)"),
        (wav_bytes(b"123456", bits=20), "has samples of 20 bits"),
        (wav_bytes(b"1234", FLOAT, bits=16), "has floats of 16 bits"),
        (wav_bytes(b"1234", rate=0), "is damaged: its header says 1 channel, 0 Hz"),
        (wav_bytes(b"", channels=0), "is damaged: its header says 0 channels"),
        (wav_bytes(b"1234", rate=2_000_000), "2,000,000 Hz"),
        (b"RIFF\0\0\0\0WAVE" + chunk(b"data", b"1234"), "its sound comes before its format"),
        (b"RIFF\0\0\0\0WAVE" + chunk(b"fmt ", b"1234"), "its format is cut off"),
        (wav_bytes(struct.pack("<2f", 0, np.nan), FLOAT, bits=32), "has NaN or infinite samples"),
        (wav_bytes(struct.pack("<2f", 0, -20000), FLOAT, bits=32), "its samples reach 20,000, and floats in a WAV"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(DataError) as caught:
        signal_of(saved(tmp_path / "a b.wav", content))
    assert "a b.wav: " in refusal(caught)
    assert says in refusal(caught)


def test_how_to_convert_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"`ffmpeg -i 'a b\.wav' -c:a pcm_s16le 'a b-pcm\.wav'`"):
        read_header(saved(tmp_path / "a b.wav", b"fLaC" + bytes(40)))


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(440, 0.1))
    header = read_header(path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match="changed while it was read"):
        read_signal(path, header, 1 << 30)


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_wav(tmp_path / "a.wav", tone(440, 0.1))

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"a\.wav: cannot be read \(permission denied\)"):
        read_header(path)


@settings(max_examples=300)
@given(content=st.binary(max_size=80), place=st.integers(0, 60), cut=st.integers(0, 200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, place: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.wav"
    path.write_bytes((SOUND[:place] + content + SOUND[place + len(content) :])[: len(SOUND) - cut])
    with suppress(DataError):
        assert np.isfinite(signal_of(path)).all()
