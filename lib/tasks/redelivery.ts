import type { Delivery } from './delivery.ts';

/**
 * A task, or what else an event is written on, with an attempt to deliver its event due at once, beside the schedule and in
 * whatever way the delivery has ended. `undefined` if it has no event, or not this one.
 */
export const requestRedelivery = <Carrier extends { delivery?: Delivery }>(
  carrier: Carrier,
  eventId: string | undefined,
  nowMs: number,
): Carrier | undefined => {
  const { delivery } = carrier;
  if (delivery === undefined || (eventId ?? delivery.eventId) !== delivery.eventId) return undefined;
  return { ...carrier, delivery: { ...delivery, redeliverAtMs: nowMs } };
};
