/** A place for progress: one line that is drawn again and again in a terminal, a few plain lines elsewhere. */
type ProgressBar = { show(percent: number, words: string): void; end(): void };

export const createProgressBar = (out: NodeJS.WriteStream): ProgressBar =>
  out.isTTY ? drawnBar(out) : plainLines(out);

const barWidth = 30;

const drawnBar = (out: NodeJS.WriteStream): ProgressBar => ({
  show(percent, words) {
    const full = Math.round((barWidth * percent) / 100);
    const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
    out.write(`\r  ${bar} ${String(percent).padStart(3)} %  ${words}\u001b[K`);
  },
  end() {
    out.write('\n');
  },
});

/** A line for each new status, and one for each quarter of the way. */
const plainLines = (out: NodeJS.WriteStream): ProgressBar => {
  let shown = '';
  return {
    show(percent, words) {
      const state = `${words} ${Math.floor(percent / 25)}`;
      if (state !== shown) out.write(`  ${String(percent).padStart(3)} %  ${words}\n`);
      shown = state;
    },
    end() {},
  };
};
