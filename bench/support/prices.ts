/** us-east-1 list prices in dollars, without any free tier, as known in November 2026; look them up before you budget. */
export const prices = {
  perWriteUnit: 0.625e-6,
  perReadUnit: 0.125e-6,
  perWriteUnitHour: 0.00065,
  perReadUnitHour: 0.00013,
  perTableGb: 0.25,
  perRecoveryGb: 0.2,
  perQueueRequest: 0.4e-6,
  perInvocation: 0.2e-6,
  perGbSecondOnArm: 13.3334e-6,
  perLogGb: 0.5,
  perStateTransition: 25e-6,
};
