"""Writes a picture in every format, orientation and mode that the service reads.

Used by parity.py. Left out are the kinds whose pixels are known to differ from Pillow's, see decodePicture in
lib/modalities/image/libvips.ts.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image

ORIENTATION = 0x0112
ORIENTATIONS = range(1, 9)
XMP_TAG = 700


def gradient() -> Image.Image:
    """Colours without an edge on 96x64 pixels: not square, and the model is sure of it in every orientation."""
    y, x = np.mgrid[:64, :96]
    return Image.fromarray(np.stack([40 + 150 * x // 96, 90 + 120 * y // 64, 220 - 90 * x // 96], 2).astype(np.uint8))


def written(image: Image.Image, form: str, **options) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def exif(orientation: int) -> Image.Exif:
    """EXIF that holds the orientation only."""
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


def xmp(orientation: int) -> bytes:
    """XMP that holds the orientation only."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def with_chunk(png: bytes, kind: bytes, data: bytes, before: bytes = b"IDAT") -> bytes:
    """The PNG with one more chunk."""
    at = png.index(before) - 4
    return png[:at] + struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) + png[at:]


def oriented(image: Image.Image, orientation: int) -> dict[str, bytes]:
    """The same stored pixels in each format that can tell the orientation, and by each way to tell it."""
    tag, packet = exif(orientation), xmp(orientation)
    png = written(image, "PNG")
    itxt = b"XML:com.adobe.xmp\0\0\0\0\0" + packet
    return {
        "JPEG, EXIF": written(image, "JPEG", quality=92, exif=tag),
        "JPEG, XMP": written(image, "JPEG", quality=92, xmp=packet),
        "JPEG, EXIF before XMP": written(image, "JPEG", quality=92, exif=tag, xmp=xmp(3)),
        "progressive JPEG, EXIF": written(image, "JPEG", quality=92, exif=tag, progressive=True),
        "progressive JPEG, XMP": written(image, "JPEG", quality=92, xmp=packet, progressive=True),
        "PNG, EXIF": written(image, "PNG", exif=tag),
        "PNG, XMP": with_chunk(png, b"iTXt", itxt),
        "PNG, XMP after the pixels": with_chunk(png, b"iTXt", itxt, before=b"IEND"),
        "WebP, EXIF": written(image, "WEBP", lossless=True, exif=tag),
        "WebP, XMP": written(image, "WEBP", lossless=True, xmp=packet),
        "AVIF, container": written(image, "AVIF", quality=95, subsampling="4:4:4", exif=tag),
        "AVIF, XMP": written(image, "AVIF", quality=95, subsampling="4:4:4", xmp=packet),
        "AVIF, container and XMP": written(image, "AVIF", quality=95, subsampling="4:4:4", exif=tag, xmp=packet),
        "TIFF, tag": written(image, "TIFF", compression="tiff_lzw", tiffinfo={ORIENTATION: orientation}),
        "TIFF, XMP": written(image, "TIFF", compression="tiff_lzw", tiffinfo={XMP_TAG: packet}),
    }


def modes(rgb: Image.Image) -> dict[str, bytes]:
    """The picture in each mode and compression of each format."""
    alpha = rgb.convert("RGBA")
    alpha.putalpha(Image.fromarray((np.mgrid[0 : rgb.height, 0 : rgb.width][1] * 255 // rgb.width).astype(np.uint8)))
    palette, black = rgb.quantize(64), Image.new("RGB", rgb.size)
    images = {"1": rgb.convert("1"), "L": rgb.convert("L"), "LA": alpha.convert("LA"), "P": palette, "RGB": rgb, "RGBA": alpha}
    files = {f"PNG {mode}": written(image, "PNG") for mode, image in images.items()}
    for mode, image in images.items():
        for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", *(("group4",) if mode == "1" else ())):
            files[f"TIFF {mode}, {compression}"] = written(image, "TIFF", compression=compression)
        if mode != "LA":
            files[f"BMP {mode}"] = written(image, "BMP")
    return files | {
        "PNG P with transparency": written(palette, "PNG", transparency=bytes(range(0, 256, 4))),
        "animated PNG": written(rgb, "PNG", save_all=True, append_images=[black]),
        "TIFF CMYK": written(rgb.convert("CMYK"), "TIFF"),
        "TIFF YCbCr in JPEG": written(rgb.convert("YCbCr"), "TIFF", compression="jpeg"),
        "JPEG grey": written(rgb.convert("L"), "JPEG"),
        "JPEG CMYK": written(rgb.convert("CMYK"), "JPEG", quality=95),
        "JPEG RGB": written(rgb, "JPEG", keep_rgb=True),
        **{f"JPEG {sampling}": written(rgb, "JPEG", subsampling=sampling) for sampling in ("4:4:4", "4:2:2", "4:2:0")},
        "GIF": written(palette, "GIF"),
        "GIF with a transparent colour": written(palette, "GIF", transparency=3),
        "animated GIF": written(palette, "GIF", save_all=True, append_images=[black.quantize(2)]),
        "WebP lossy": written(rgb, "WEBP"),
        "WebP lossy with transparency": written(alpha, "WEBP"),
        "WebP lossless with transparency": written(alpha, "WEBP", lossless=True),
        "animated WebP": written(rgb, "WEBP", save_all=True, append_images=[black], lossless=True),
        "AVIF with transparency": written(alpha, "AVIF", quality=95, subsampling="4:4:4"),
    }


def formats() -> list[tuple[str, bytes]]:
    """Name and file of every picture."""
    image = gradient()
    turned = [(f"{name} {orientation}", file) for orientation in ORIENTATIONS for name, file in oriented(image, orientation).items()]
    return [*modes(image).items(), *turned]
