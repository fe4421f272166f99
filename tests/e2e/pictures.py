"""Pictures for tests: as a phone's camera makes them, with what must not leave the phone."""

from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 2400, 1800
CAMERA_OWNER = "Secret Owner 55512"


def camera_photo(path: Path, *, width: int = WIDTH, height: int = HEIGHT) -> Path:
    """Write a JPEG, 2400 × 1800 by default, whose EXIF names its owner and place; returns the path."""
    picture = Image.effect_noise((width // 8, height // 8), 80).resize((width, height)).convert("RGB")
    return _written(picture, path)


def cut_out(path: Path, *, width: int, height: int) -> Path:
    """Write a PNG of a spot with nothing around it, which names the same; returns the path."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    picture.paste((47, 111, 94, 255), (width // 4, height // 4, width * 3 // 4, height * 3 // 4))
    return _written(picture, path)


def _written(picture: Image.Image, path: Path) -> Path:
    exif = Image.Exif()
    exif[0x013B] = CAMERA_OWNER
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.23, 0.0, 0.0)
    picture.save(path, quality=88, exif=exif)
    assert CAMERA_OWNER.encode() in path.read_bytes()
    return path
