import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

type TaskTableProps = {
  /** Keep the table, with its tasks and keys, when the stack is removed. */
  keepData: boolean;
};

const byWorkspace = 'by-workspace';
const byDue = 'by-due';

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

  /** Items by their key, and the items of one task. Neither index, no scan. */
  grantItems(grantee: IGrantable): void {
    this.grant(grantee, this.table.tableArn, [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    ]);
  }

  /** The list of a workspace's tasks. */
  grantListByWorkspace(grantee: IGrantable): void {
    this.grant(grantee, `${this.table.tableArn}/index/${byWorkspace}`, ['dynamodb:Query']);
  }

  /** The list of tasks of which something is due. */
  grantListDue(grantee: IGrantable): void {
    this.grant(grantee, `${this.table.tableArn}/index/${byDue}`, ['dynamodb:Query']);
  }

  private grant(grantee: IGrantable, resourceArn: string, actions: string[]): void {
    Grant.addToPrincipal({ grantee, actions, resourceArns: [resourceArn] });
  }
}
