"""Pure functions over pictures: safe decoding, measuring, cropping, platform exports, thumbnails."""
