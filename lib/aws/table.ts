export type Item = Record<string, unknown>;
export type ItemKey = { pk: string; sk: string };

type Names = { ExpressionAttributeNames?: Record<string, string> };
type Values = { ExpressionAttributeValues?: Item | undefined };
type Condition = Names & Values & { ConditionExpression?: string };

type GetInput = { Key: ItemKey; ConsistentRead?: boolean };
type PutInput = Condition & { Item: Item };
export type UpdateInput = Condition & {
  Key: ItemKey;
  UpdateExpression: string;
  ReturnValues?: 'ALL_NEW' | 'UPDATED_NEW';
};
export type DeleteInput = Condition & { Key: ItemKey };
export type QueryInput = Names &
  Values & {
    KeyConditionExpression: string;
    FilterExpression?: string;
    IndexName?: string;
    ScanIndexForward?: boolean;
    Limit?: number;
    ConsistentRead?: boolean;
    ExclusiveStartKey?: Item | undefined;
  };
export type BatchGetInput = { Keys: ItemKey[]; ConsistentRead?: boolean };

/**
 * The one table, in DynamoDB's own terms but with plain values for its attributes; what is `undefined` is left out.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
 */
export type Table = {
  get(input: GetInput): Promise<{ Item?: Item | undefined }>;
  /** Throws, as `update` and `delete` do, a {@link ConditionFailedError} where the condition does not hold. */
  put(input: PutInput): Promise<void>;
  /** `Attributes` are there if `ReturnValues` asks for them. */
  update(input: UpdateInput): Promise<{ Attributes?: Item | undefined }>;
  delete(input: DeleteInput): Promise<void>;
  query(input: QueryInput): Promise<{ Items: Item[]; LastEvaluatedKey?: Item | undefined }>;
  /** Up to 100 items, in any order. */
  batchGet(input: BatchGetInput): Promise<Item[]>;
};

/** A write did not take place, since the item is not as its condition wants it. */
export class ConditionFailedError extends Error {
  override readonly name = 'ConditionFailedError';
}
