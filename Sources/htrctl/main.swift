print("htrctl")
