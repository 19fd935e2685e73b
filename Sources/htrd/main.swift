print("htrd")
