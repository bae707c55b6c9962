type Bar = { label: string; value: number; text: string };

const height = 180;
const barWidth = 24;
const gap = 8;
const foot = 22;
const head = 18;

/** Bars over days, drawn by hand; the table below says the same to whoever cannot see them. */
export const DayChart = ({ bars, title }: { bars: readonly Bar[]; title: string }) => {
  const max = Math.max(...bars.map(({ value }) => value), 0) || 1;
  const width = bars.length * (barWidth + gap) + gap;
  const labelEvery = Math.ceil(bars.length / 10);
  const room = height - foot - head;
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={title}>
      <line x1={0} x2={width} y1={height - foot} y2={height - foot} class="axis" />
      {bars.map(({ label, value, text }, index) => {
        const x = gap + index * (barWidth + gap);
        const tall = value === 0 ? 0 : Math.max(2, (value / max) * room);
        return (
          <g key={label}>
            <title>{`${label}: ${text}`}</title>
            <rect x={x} y={height - foot - tall} width={barWidth} height={tall} rx={3} />
            {index % labelEvery === 0 && (
              <text x={x + barWidth / 2} y={height - 6} text-anchor="middle">
                {label.slice(5)}
              </text>
            )}
            {value === max && (
              <text x={x + barWidth / 2} y={height - foot - tall - 5} text-anchor="middle">
                {text}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
};
