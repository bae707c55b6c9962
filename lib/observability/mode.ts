/** Told only of what test keys have made: such a line feeds no metric, so that nobody's tests wake an operator. */
export const modeFields = ({ livemode }: { livemode: boolean }): { livemode?: false } =>
  livemode ? {} : { livemode: false };
