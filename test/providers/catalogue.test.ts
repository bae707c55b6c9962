import { describe, expect, it } from 'vitest';
import { kling } from '../../lib/providers/kling/kling.ts';
import { klingModels, typicalRenderSeconds } from '../../lib/providers/kling/models.ts';
import type { VideoModel } from '../../lib/providers/model.ts';
import { createRegistries, registry } from '../../lib/providers/registry.ts';
import { accepted } from './kling/prepared-requests.ts';

const { findModel, models, resolveModel } = registry;

const now = Date.parse('2026-11-22T00:00:00Z');
const aModel = (id: string, lifecycle: Pick<VideoModel, 'shutdownDate' | 'successor'> = {}): VideoModel => ({
  kind: 'video',
  provider: 'kling',
  ownedBy: 'kling',
  id,
  upstreamId: id,
  createdAtSeconds: 0,
  ...lifecycle,
});
const retired = '2026-01-01';

describe('the catalogue', () => {
  it('names the seven Kling models of ClearMaas', () => {
    expect(klingModels.map(({ id }) => id)).toEqual([
      'kling/kling-v2-master',
      'kling/kling-v2-1-master',
      'kling/kling-v2-5-turbo',
      'kling/kling-v2-6',
      'kling/kling-v3',
      'kling/kling-video-o1',
      'kling/kling-v3-omni',
    ]);
  });

  it('has each id once', () => {
    const ids = models.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names only successors that it knows', () => {
    for (const { successor } of models)
      if (successor !== undefined) expect(findModel(successor)).toBeDefined();
  });
});

describe('resolving a model', () => {
  it('serves a live model by itself', () => {
    expect(resolveModel('kling/kling-v3', now)).toMatchObject({
      requested: { id: 'kling/kling-v3' },
      serving: { id: 'kling/kling-v3' },
    });
  });

  it.each(['kling/kling-v2-master', 'kling/kling-v2-1-master'])('serves %s by v2-5-turbo', (id) => {
    expect(resolveModel(id, now)).toMatchObject({
      requested: { id },
      serving: { id: 'kling/kling-v2-5-turbo' },
    });
  });

  it('changes over on the day of the shutdown', () => {
    const dayBefore = Date.parse('2026-09-14T23:59:59Z');
    expect(resolveModel('kling/kling-v2-master', dayBefore)).toMatchObject({
      serving: { id: 'kling/kling-v2-master' },
    });
    expect(resolveModel('kling/kling-v2-master', dayBefore + 1_000)).toMatchObject({
      serving: { id: 'kling/kling-v2-5-turbo' },
    });
  });

  it.each(['', 'kling-v3', 'kling/kling-v4', '__proto__', 'toString'])('does not know %j', (id) => {
    expect(resolveModel(id, now)).toBe('unknown');
  });

  it('follows successors until one is live', () => {
    const catalogue = [
      aModel('a', { shutdownDate: retired, successor: 'b' }),
      aModel('b', { shutdownDate: retired, successor: 'c' }),
      aModel('c'),
    ];
    expect(createRegistries([{ ...kling, models: catalogue }]).live.resolveModel('a', now)).toMatchObject({
      serving: { id: 'c' },
    });
  });

  it.each([
    ['without a successor', [aModel('a', { shutdownDate: retired })]],
    ['with an unknown successor', [aModel('a', { shutdownDate: retired, successor: 'gone' })]],
    [
      'whose successors lead back to it',
      [
        aModel('a', { shutdownDate: retired, successor: 'b' }),
        aModel('b', { shutdownDate: retired, successor: 'a' }),
      ],
    ],
  ])('cannot serve a retired model %s', (_case, catalogue) => {
    expect(createRegistries([{ ...kling, models: catalogue }]).live.resolveModel('a', now)).toBe(
      'unavailable',
    );
  });
});

describe('the typical render', () => {
  const render = (id: string, ...rest: [Parameters<typeof typicalRenderSeconds>[1], number]) =>
    typicalRenderSeconds(findModel(id) as (typeof klingModels)[number], ...rest);

  it('is what users report', () => {
    expect(render('kling/kling-v2-5-turbo', 'std', 5)).toBe(75);
    expect(render('kling/kling-v2-6', 'pro', 5)).toBe(150);
    expect(render('kling/kling-v3-omni', 'pro', 15)).toBe(240);
  });

  it('takes the default mode of the model when none is named', () => {
    expect(accepted('kling-v3-omni').typicalSeconds).toBe(render('kling/kling-v3-omni', 'pro', 5));
    expect(accepted('kling-v3').typicalSeconds).toBe(render('kling/kling-v3', 'std', 5));
  });
});
