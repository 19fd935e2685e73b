print("htr-shim")
