"""The soak's parts: jobs that keep books on themselves, a crowd of bystanders, the killing, and the verdict."""
