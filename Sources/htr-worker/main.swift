print("htr-worker")
