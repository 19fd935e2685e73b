"""Reads pages with Tesseract 5 through its C interface, as a program would that keeps it loaded.

Each line of the input names an image, each line of the output is its words as JSON. Standard Python is enough.
"""

import ctypes
import json
import sys

PAGE_SEGMENTATION = 6  # One block of text: the best of its ways on these pages.
LSTM_ONLY = 1


def load():
    tesseract, leptonica = ctypes.CDLL("libtesseract.so.5"), ctypes.CDLL("liblept.so.5")
    leptonica.pixRead.restype = ctypes.c_void_p
    for name, result in (("TessVersion", ctypes.c_char_p), ("TessBaseAPICreate", ctypes.c_void_p),
                         ("TessBaseAPIGetTsvText", ctypes.c_void_p)):
        getattr(tesseract, name).restype = result
    return tesseract, leptonica


class Reader:
    def __init__(self):
        self.tesseract, self.leptonica = load()
        self.handle = ctypes.c_void_p(self.tesseract.TessBaseAPICreate())
        if self.tesseract.TessBaseAPIInit2(self.handle, None, b"eng", LSTM_ONLY):
            sys.exit("tesseract cannot load its English model (Debian: tesseract-ocr-eng)")
        self.tesseract.TessBaseAPISetPageSegMode(self.handle, PAGE_SEGMENTATION)

    def read(self, path):
        picture = ctypes.c_void_p(self.leptonica.pixRead(path.encode()))
        if not picture:
            sys.exit(f"{path} cannot be decoded")
        self.tesseract.TessBaseAPISetImage2(self.handle, picture)
        table = ctypes.c_void_p(self.tesseract.TessBaseAPIGetTsvText(self.handle, 0))
        rows = [row.split("\t") for row in ctypes.string_at(table).decode(errors="replace").splitlines()]
        self.tesseract.TessDeleteText(table)
        self.leptonica.pixDestroy(ctypes.byref(picture))
        return [word(row) for row in rows if len(row) == 12 and row[0] == "5" and row[11].strip()]

    def close(self):
        self.tesseract.TessBaseAPIEnd(self.handle)
        self.tesseract.TessBaseAPIDelete(self.handle)


def word(row):
    left, top, width, height = map(int, row[6:10])
    right, bottom = left + width, top + height
    return {"text": row[11], "polygon": [[left, top], [right, top], [right, bottom], [left, bottom]]}


def main():
    reader = Reader()
    print(f"tesseract {reader.tesseract.TessVersion().decode()}", flush=True)
    for line in sys.stdin:
        print(json.dumps(reader.read(line.rstrip("\n"))), flush=True)
    reader.close()


if __name__ == "__main__":
    main()
