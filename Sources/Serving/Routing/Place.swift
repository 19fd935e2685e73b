/// Where requests are routed to, for headers, messages and figures.
final class Place: Sendable {
  let endpoint: String
  let variant: String
  let account: String
  let region: String
  let tally: VariantTally

  init(endpoint: String, variant: String, account: String, region: String, tally: VariantTally) {
    self.endpoint = endpoint
    self.variant = variant
    self.account = account
    self.region = region
    self.tally = tally
  }
}
