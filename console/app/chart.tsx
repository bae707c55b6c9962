import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

type Bar = { label: string; value: number; text: string };

const height = 180;
const barWidth = 24;
const gap = 8;
/** The text over the first bar or the last is wider than the bar. */
const side = 24;
const foot = 22;
const head = 18;

/** Bars over days, drawn by hand; the table below says the same to whoever cannot see them. */
export const DayChart = ({ bars, title }: { bars: readonly Bar[]; title: string }) => {
  const max = Math.max(...bars.map(({ value }) => value), 0) || 1;
  const width = bars.length * (barWidth + gap) - gap + 2 * side;
  const labelEvery = Math.ceil(bars.length / 10);
  const room = height - foot - head;
  return (
    <ScrolledToItsEnd width={width}>
      <svg
        class="chart"
        style={{ minWidth: width }}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={title}
      >
        <line x1={0} x2={width} y1={height - foot} y2={height - foot} class="axis" />
        {bars.map(({ label, value, text }, index) => {
          const x = side + index * (barWidth + gap);
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
    </ScrolledToItsEnd>
  );
};

/** Where there is no room for all bars in a size that can be read, the latest days are in sight. */
const ScrolledToItsEnd = ({ width, children }: { width: number; children: ComponentChildren }) => {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    frame.current?.scrollTo({ left: width });
  }, [width]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has only a keyboard scrolls it by the arrows
    <div class="scrolling" ref={frame} tabIndex={0}>
      {children}
    </div>
  );
};
