import { Hono } from 'hono';
import { streamHandle } from 'hono/aws-lambda';

/** The least that can be called a Hono function. */
const app = new Hono().all('*', (c) => c.json({ hello: 'world' }));

export const handler = streamHandle(app);
