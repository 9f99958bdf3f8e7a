"""Photos as the networks' input, by Pillow and torchvision.

    photos.py FOLDER COUNT      writes the first ones, f32 [COUNT, 3, 224, 224], to FOLDER/pixels.npy
"""
import pathlib
import sys

import numpy
import torch
import torchvision.transforms as transforms
from PIL import Image

from material import MEAN, STD

PIXELS = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                             transforms.Normalize(MEAN, STD)])


class Photos(torch.utils.data.Dataset):
    def __init__(self, folder):
        self.files = sorted(pathlib.Path(folder).iterdir())

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        return PIXELS(Image.open(self.files[index]).convert("RGB"))


def write_pixels(folder, count):
    photos = Photos(folder / "photos")
    numpy.save(folder / "pixels.npy", numpy.stack([photos[index].numpy() for index in range(count)]))


if __name__ == "__main__":
    write_pixels(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
