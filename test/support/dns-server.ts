import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type DnsServer = {
  /** As `dns.setServers` takes it. */
  address: string;
  /** What a name resolves to from now on. Asked again, it gives the next of several lists, then the last for ever. */
  answers(name: string, ...lists: string[][]): void;
  stop(): Promise<void>;
};

const typeA = 1;
const typeAaaa = 28;

/** A name server on this machine, that says what a test wants. */
export const startDnsServer = async (): Promise<DnsServer> => {
  const names = new Map<string, { lists: string[][]; asked: number }>();
  const socket: Socket = createSocket('udp4');

  const listFor = (name: string, type: number): string[] | undefined => {
    const entry = names.get(name);
    if (entry === undefined) return undefined;
    const list = entry.lists[Math.min(entry.asked, entry.lists.length - 1)] ?? [];
    // Each look-up asks for both types, IPv4 first.
    if (type === typeAaaa) entry.asked += 1;
    return list.filter((address) => isIP(address) === (type === typeA ? 4 : 6));
  };

  socket.on('message', (query, { port, address }) => {
    const { name, type, questionEnd } = readQuestion(query);
    const list = listFor(name, type);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(list === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(list?.length ?? 0, 6);
    const records = (list ?? []).map((one) => record(type, one));
    socket.send(Buffer.concat([header, query.subarray(12, questionEnd), ...records]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    answers: (name, ...lists) => names.set(name, { lists, asked: 0 }),
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
};

const readQuestion = (query: Buffer) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString());
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), questionEnd: at + 5 };
};

/** The name as a pointer to the question, class IN, no caching. */
const record = (type: number, address: string): Buffer => {
  const bytes = Buffer.from(ipaddr.parse(address).toByteArray());
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
  return Buffer.concat([head, bytes]);
};
