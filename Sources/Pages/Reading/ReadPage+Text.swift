extension ReadPage {
  /// A line of text for each line, an empty one between blocks; words that nobody has read are left out.
  public var plainText: String { PlainText.page(self) }
}
