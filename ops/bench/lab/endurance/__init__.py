"""An endpoint under load while everything that serves it is killed and replaced."""
