"""What a device reads: manifest, golden vectors and the files beside them."""
