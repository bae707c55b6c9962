import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { kindsOf } from '../../lib/item-kinds.ts';
import type { FunctionName } from '../../lib/limits.ts';

type TaskTableProps = {
  /** Keep the table, with its tasks and keys, when the stack is removed. */
  keepData: boolean;
};

const byWorkspace = 'by-workspace';
const byEnd = 'by-end';
const byDue = 'by-due';

const readActions = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const writeActions = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

const leadingKeys = (kinds: string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': kinds.map((kind) => `${kind}#*`) },
  // A request without any key would fulfil the condition above.
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

/** The one table: tasks, delivery attempts, keys, workspaces and rate windows. */
export class TaskTable extends Construct {
  private readonly table: Table;

  constructor(scope: Construct, id: string, { keepData }: TaskTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAtSeconds',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: keepData,
      removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: byWorkspace,
      partitionKey: { name: 'workspaceId', type: AttributeType.STRING },
      sortKey: { name: 'createdOrder', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    // Of tasks with an event only, for the feed.
    this.table.addGlobalSecondaryIndex({
      indexName: byEnd,
      partitionKey: { name: 'workspaceId', type: AttributeType.STRING },
      sortKey: { name: 'endedOrder', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: byDue,
      partitionKey: { name: 'dueShard', type: AttributeType.NUMBER },
      sortKey: { name: 'dueAtMs', type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }

  get tableName(): string {
    return this.table.tableName;
  }

  /**
   * Items of the kinds that the function's role may read and write, by their key. Neither index, no scan.
   *
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
   */
  grantItems(grantee: IGrantable, role: FunctionName): void {
    this.grant(grantee, this.table.tableArn, readActions, leadingKeys(kindsOf(role, 'reads')));
    this.grant(grantee, this.table.tableArn, writeActions, leadingKeys(kindsOf(role, 'writes')));
  }

  /** The list of a workspace's tasks. */
  grantListByWorkspace(grantee: IGrantable): void {
    this.grant(grantee, `${this.table.tableArn}/index/${byWorkspace}`, ['dynamodb:Query']);
  }

  /** The feed of a workspace's events. */
  grantListEvents(grantee: IGrantable): void {
    this.grant(grantee, `${this.table.tableArn}/index/${byEnd}`, ['dynamodb:Query']);
  }

  /** The list of tasks of which something is due. */
  grantListDue(grantee: IGrantable): void {
    this.grant(grantee, `${this.table.tableArn}/index/${byDue}`, ['dynamodb:Query']);
  }

  private grant(grantee: IGrantable, resourceArn: string, actions: string[], conditions = {}): void {
    Grant.addToPrincipal({ grantee, actions, resourceArns: [resourceArn], conditions });
  }
}
