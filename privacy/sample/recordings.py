"""Recordings of calls: real WAV files of a quarter of a second, which can be played and
deleted like any other."""

import io
import wave
from pathlib import Path

MOST = 500
RATE = 8_000  # samples a second, as telephones have it
SECONDS = 0.25


class Recordings:
    """Makes a file for each call that asks, until there are enough."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0
        folder.mkdir(parents=True, exist_ok=True)

    def make(self) -> str | None:
        """The new file's name in the folder; None when there are enough."""
        if self.made >= MOST:
            return None
        self.made += 1
        name = f"call-{self.made:04d}.wav"
        (self.folder / name).write_bytes(tone(self.made))
        return name


def tone(number: int) -> bytes:
    """A square wave whose pitch tells one recording from the next."""
    half = 4 + number % 32  # samples; 1000 Hz down to 111 Hz
    wavelength = bytes([96] * half + [160] * half)
    samples = int(RATE * SECONDS)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes((wavelength * samples)[:samples])
    return buffer.getvalue()
