"""Pictures for tests: as a phone's camera makes them, with what must not leave the phone."""

from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 2400, 1800
CAMERA_OWNER = "Secret Owner 55512"


def camera_photo(path: Path) -> Path:
    """Write a 2400 × 1800 JPEG whose EXIF names its owner and place; returns the path."""
    picture = Image.effect_noise((WIDTH // 8, HEIGHT // 8), 80).resize((WIDTH, HEIGHT)).convert("RGB")
    exif = Image.Exif()
    exif[0x013B] = CAMERA_OWNER
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.23, 0.0, 0.0)
    picture.save(path, quality=88, exif=exif)
    assert CAMERA_OWNER.encode() in path.read_bytes()
    return path
