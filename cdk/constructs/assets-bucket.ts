import { type CfnResource, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

const inputs = 'inputs/';
const images = 'images/';
const results = 'results/';
const prefixes = [inputs, images, results];

type AssetsBucketProps = {
  keepData: boolean;
  taskRetentionDays: number;
};

/** Pictures on their way to a provider, images that came as bytes, and copies of videos. Private, and kept no longer than needed. */
export class AssetsBucket extends Construct {
  private readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { keepData, taskRetentionDays }: AssetsBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      lifecycleRules: [
        // A task that waits for its provider needs its pictures for a day at most.
        { prefix: inputs, expiration: Duration.days(3) },
        // Links to images are valid for 24 hours.
        { prefix: images, expiration: Duration.days(2) },
        // What a task made can be fetched as long as one can ask for the task.
        { prefix: results, expiration: Duration.days(taskRetentionDays + 1) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    this.acknowledge();
  }

  get bucketName(): string {
    return this.bucket.bucketName;
  }

  /** Store pictures and images, and sign links to whatever can be fetched. */
  grantStore(grantee: IGrantable): void {
    this.grant(grantee, [inputs, images], ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload']);
    this.grant(grantee, [results], ['s3:GetObject']);
  }

  /** Store what a task made. */
  grantStoreResults(grantee: IGrantable): void {
    this.grant(grantee, [results], ['s3:PutObject', 's3:AbortMultipartUpload']);
  }

  /** Delete what belongs to a task that its owner deletes. */
  grantDelete(grantee: IGrantable): void {
    this.grant(grantee, [inputs, results], ['s3:DeleteObject']);
    this.grantList(grantee);
  }

  /** Read a task's pictures, and delete them once the provider has them. */
  grantUseInputs(grantee: IGrantable): void {
    this.grant(grantee, [inputs], ['s3:GetObject', 's3:DeleteObject']);
    this.grantList(grantee);
  }

  private grantList(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ['s3:ListBucket'],
      resourceArns: [this.bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${inputs}*` } },
    });
  }

  private acknowledge(): void {
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Objects live for days, are reached by signed links only, and CloudTrail can log access where it is needed.',
    });
    const stack = Stack.of(this);
    const bucketId = stack.getLogicalId(this.bucket.node.defaultChild as CfnResource);
    for (const prefix of prefixes)
      Validations.of(stack).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${prefix}*]`,
        reason:
          'Names of objects are not known beforehand; the permission ends at this prefix of this bucket.',
      });
  }

  private grant(grantee: IGrantable, prefixes: string[], actions: string[]): void {
    const resourceArns = prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`));
    Grant.addToPrincipal({ grantee, actions, resourceArns });
  }
}
