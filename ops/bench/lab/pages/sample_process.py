"""Makes the page that is timed: a real one, scaled to fit, on paper of its own tone; runs where Pillow is.

Arguments: the image, the target, width and height.
"""

import sys

from PIL import Image, ImageOps, ImageStat


def main():
    source, target, width, height = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    page = ImageOps.contain(ImageOps.exif_transpose(Image.open(source)).convert("RGB"), (width, height))
    paper = tuple(int(tone) for tone in ImageStat.Stat(page).median)
    sheet = Image.new("RGB", (width, height), paper)
    sheet.paste(page, ((width - page.width) // 2, (height - page.height) // 2))
    sheet.save(target, quality=90)


if __name__ == "__main__":
    main()
