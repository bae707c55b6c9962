/** What a price is asked for. Tokens are priced by the million. */
export const pricedUnits = [
  'second',
  'image',
  'million_input_text_tokens',
  'million_input_image_tokens',
  'million_output_text_tokens',
  'million_output_image_tokens',
] as const;
export type PricedUnit = (typeof pricedUnits)[number];

/** What of a request decides its price, such as `mode` and `sound`. */
export type Traits = Readonly<Record<string, string>>;

/** `usd` is decimal text; `units` is the same in the provider's own unit, whose price the operator may set. */
type Amount = { usd: string } | { units: string };

/** The price of one unit of what is made, for requests with all the traits in `when`. */
export type ListedRate = Amount & { per: PricedUnit; when?: Traits };

/** Where prices were read and on which day; of a model that is not listed no price is known. */
export type ListedPrices = {
  source: string;
  /** `YYYY-MM-DD`. */
  asOf: string;
  /** By public model id. The first rate that fits a request holds. */
  models: Readonly<Record<string, readonly ListedRate[]>>;
};
