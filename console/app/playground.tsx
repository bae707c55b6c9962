import { useEffect, useMemo, useState } from 'preact/hooks';
import { useGateway } from './context.ts';
import { FieldInput } from './field-input.tsx';
import { bodyOf, type Field, fieldsFor, fieldsOf } from './fields.ts';
import { dollars } from './format.ts';
import { createPaths } from './openapi.ts';
import { CopyButton, Empty, ErrorNote, Form, Heading, Loading, useAction } from './parts.tsx';
import { type Answer, ShownAnswer } from './playground-answer.tsx';
import { type Language, languages, requestCode, withoutPictures } from './request-code.ts';
import { usePolled } from './use-polled.ts';
import type { Estimate, Model } from './wire.ts';

const kindOf = (model: Model): 'video' | 'image' =>
  model.supported_endpoint_types.includes('image') ? 'image' : 'video';

/** Made of what the gateway says of its models and fields: a new model needs no change here. */
export const PlaygroundScreen = () => {
  const { api } = useGateway();
  const { value: models, error } = usePolled('models', async () => {
    const { body } = await api<{ data: Model[] }>('/v1/models');
    return { value: body.data };
  });
  return (
    <>
      <Heading title="Playground">Playground</Heading>
      <Loading value={models} error={error} />
      {models?.length === 0 && (
        <Empty>
          <p>This gateway can make nothing yet: no provider has its credentials.</p>
          <p class="quiet">
            Whoever runs it sets them with <code>npm run credentials</code>.
          </p>
        </Empty>
      )}
      {models !== undefined && models.length > 0 && <RequestForm models={models} />}
    </>
  );
};

const firstChoice = (models: readonly Model[]): string =>
  (models.find((model) => model.shutdown_date === null) ?? models[0])?.id ?? '';

const RequestForm = ({ models }: { models: readonly Model[] }) => {
  const { api, features } = useGateway();
  const [modelId, setModelId] = useState(() => firstChoice(models));
  const [values, setValues] = useState<Record<string, string>>({});
  const model = models.find(({ id }) => id === modelId);
  const kind = model === undefined ? 'video' : kindOf(model);
  const fields = useMemo(() => {
    const schema = features.requestSchema(kind);
    if (schema === undefined || model === undefined) return [];
    return fieldsFor(
      model,
      models.filter((other) => kindOf(other) === kind),
      fieldsOf(schema),
    );
  }, [features, model]);
  const [answer, setAnswer] = useState<Answer>();
  const request = useMemo(() => readBody(modelId, fields, values), [modelId, fields, values]);
  const path = `/v1${createPaths[kind]}`;
  const { run, isBusy, error } = useAction(async () => {
    if (request.error !== undefined) throw request.error;
    setAnswer(undefined);
    const { body, headers } = await api<Answer>(path, {
      method: 'POST',
      body: request.body,
      headers: { 'idempotency-key': crypto.randomUUID() },
    });
    setAnswer({ ...body, costUsd: headers.get('x-clear-cost-usd') ?? undefined });
  });
  const inputs = (isFurther: boolean) =>
    fields
      .filter((field) => field.isFurther === isFurther)
      .map((field) => (
        <FieldInput
          key={field.path}
          field={field}
          value={values[field.path] ?? ''}
          onValue={(value) => setValues((before) => ({ ...before, [field.path]: value }))}
        />
      ));
  return (
    <div class="columns playground">
      <Form class="card" aria-label="Request" onSubmit={run}>
        <div class="field wide">
          <label for="model">model</label>
          <select
            id="model"
            value={modelId}
            onChange={({ currentTarget }) => setModelId(currentTarget.value)}
          >
            {(['video', 'image'] as const).map((group) => (
              <optgroup key={group} label={group === 'video' ? 'Videos' : 'Images'}>
                {models
                  .filter((each) => kindOf(each) === group)
                  .map(({ id }) => (
                    <option key={id} value={id}>
                      {id}
                    </option>
                  ))}
              </optgroup>
            ))}
          </select>
          {model?.shutdown_date && (
            <p class="hint">
              Its provider ends it on {model.shutdown_date}
              {model.successor !== null && `; ${model.successor} serves its requests from then on`}.
            </p>
          )}
        </div>
        <div class="fields">{inputs(false)}</div>
        <details>
          <summary>Further fields</summary>
          <div class="fields">{inputs(true)}</div>
        </details>
        <div class="bar send">
          <button type="submit" class="primary" disabled={isBusy}>
            {isBusy ? (kind === 'image' ? 'Making…' : 'Sending…') : 'Send'}
          </button>
          {features.canEstimate && request.body !== undefined && <Price path={path} body={request.body} />}
        </div>
        <ErrorNote error={error} />
      </Form>
      <div class="stack">
        <section aria-label="Answer" aria-live="polite" class="card">
          <h2>Answer</h2>
          {answer === undefined ? (
            <p class="quiet">What the gateway answers appears here, and then what was made.</p>
          ) : (
            <ShownAnswer answer={answer} />
          )}
        </section>
        <Code path={path} body={request.body ?? { model: modelId }} />
      </div>
    </div>
  );
};

type ReadBody = { body: Record<string, unknown>; error?: undefined } | { body?: undefined; error: Error };

const readBody = (
  modelId: string,
  fields: readonly Field[],
  values: Readonly<Record<string, string>>,
): ReadBody => {
  try {
    return { body: bodyOf(modelId, fields, values) };
  } catch (error) {
    return { error: error as Error };
  }
};

/** Asked once typing has paused; a request that cannot be sent yet has no price. */
const Price = ({ path, body }: { path: string; body: Record<string, unknown> }) => {
  const { api } = useGateway();
  const [estimate, setEstimate] = useState<Estimate>();
  const text = JSON.stringify(body);
  useEffect(() => {
    setEstimate(undefined);
    if (!body['prompt']) return;
    const timer = setTimeout(async () => {
      const answer = await api<Estimate>(`${path}?estimate=true`, { method: 'POST', body }).catch(
        () => undefined,
      );
      setEstimate(answer?.body);
    }, 600);
    return () => clearTimeout(timer);
  }, [path, text]);
  if (estimate === undefined) return null;
  return (
    <span class="price" role="status">
      costs <strong class="number">{dollars(estimate.cost_usd)}</strong>
    </span>
  );
};

const Code = ({ path, body }: { path: string; body: unknown }) => {
  const [language, setLanguage] = useState<Language>('curl');
  const code = requestCode(language, `${location.origin}${path}`, body);
  return (
    <section class="card" aria-labelledby="code">
      <div class="bar">
        <h2 id="code">The same in code</h2>
        <label class="inline">
          Language
          <select
            value={language}
            onChange={({ currentTarget }) => setLanguage(currentTarget.value as Language)}
          >
            {languages.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <CopyButton text={code} what="the code" />
      </div>
      <pre>
        <code>{withoutPictures(code)}</code>
      </pre>
    </section>
  );
};
