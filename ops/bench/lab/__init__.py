"""What the benchmarks and the soak share: a daemon in a scratch folder, its socket, processes, figures."""
