import { startCloud } from '../../local/cloud/cloud.ts';
import { connectToCloud } from '../../local/cloud/connect.ts';

/** The embedded DynamoDB, SQS and S3 in a process of its own, so that their CPU is nobody else's. Ends with its parent. */
const cloud = await startCloud();
const connection = await connectToCloud(cloud.ports);
connection.disconnect();
process.on('disconnect', () => process.exit());
process.send?.(cloud.ports);
