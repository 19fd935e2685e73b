public import ArgumentParser
public import Pages

extension PageFormat: ExpressibleByArgument {}
