import { useState } from 'preact/hooks';
import type { Field } from './fields.ts';

type Props = { field: Field; value: string; onValue(value: string): void };

/** One field of a request with its label and what the API says of it. */
export const FieldInput = (props: Props) => {
  const { field } = props;
  const id = `field-${field.path}`;
  return (
    <div class={field.control.kind === 'text' && field.control.isLong ? 'field wide' : 'field'}>
      <label for={id}>
        {field.name.replaceAll('_', ' ')}
        {field.isRequired && <span class="quiet"> (required)</span>}
      </label>
      <Control {...props} id={id} />
      {field.description !== '' && (
        <p class="hint" id={`${id}-hint`}>
          {field.description}
        </p>
      )}
    </div>
  );
};

const Control = ({ field, value, onValue, id }: Props & { id: string }) => {
  const { control } = field;
  const common = {
    id,
    value,
    required: field.isRequired,
    ...(field.description !== '' && { 'aria-describedby': `${id}-hint` }),
  };
  const onInput = ({ currentTarget }: { currentTarget: { value: string } }) => onValue(currentTarget.value);
  if (control.kind === 'choice' || control.kind === 'switch')
    return (
      <select {...common} onChange={onInput}>
        <option value="">not set</option>
        {(control.kind === 'switch' ? ['true', 'false'] : control.values).map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    );
  if (control.kind === 'number')
    return (
      <input {...common} type="number" step="any" min={control.min} max={control.max} onInput={onInput} />
    );
  if (control.kind === 'picture') return <PictureInput {...common} onValue={onValue} />;
  if (control.kind === 'json')
    return <textarea {...common} rows={2} spellcheck={false} placeholder="JSON" onInput={onInput} />;
  return control.isLong ? (
    <textarea {...common} rows={field.isRequired ? 4 : 2} onInput={onInput} />
  ) : (
    <input {...common} type="text" onInput={onInput} />
  );
};

type PictureProps = { id: string; value: string; required: boolean; onValue(value: string): void };

/** An address, or a file of this machine, which goes into the request as a data URL. */
const PictureInput = ({ value, onValue, ...common }: PictureProps) => {
  const [fileName, setFileName] = useState('');
  const isFile = value.startsWith('data:');
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    setFileName(file.name);
    onValue(await readAsDataUrl(file));
  };
  return (
    <div class="picture">
      {isFile ? (
        <span id={common.id}>{fileName}</span>
      ) : (
        <input
          {...common}
          type="text"
          placeholder="https://… or a file"
          value={value}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
        />
      )}
      {isFile ? (
        <button type="button" class="small" onClick={() => onValue('')}>
          Remove
        </button>
      ) : (
        <label class="button small">
          Choose…
          <input
            type="file"
            class="hidden-input"
            accept="image/png,image/jpeg"
            aria-label={`A file for ${common.id.replace(/^.*[.-]/, '')}`}
            onChange={({ currentTarget }) => void take(currentTarget.files?.[0])}
          />
        </label>
      )}
    </div>
  );
};

const readAsDataUrl = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
