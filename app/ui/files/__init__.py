"""Files in and out of the pages: dropped or chosen graphs and pictures, and graphs to keep."""
