import { useEffect, useState } from 'preact/hooks';
import { dollars } from './format.ts';
import { ImageResult, Results } from './media.tsx';
import { ErrorNote, Warnings } from './parts.tsx';
import { Progress, useTask } from './task.tsx';

export type Answer = {
  /** Of images; a task tells its own. */
  costUsd?: string | undefined;
  task_id?: string;
  warnings?: string[];
  data?: { url?: string; b64_json?: string; revised_prompt?: string }[];
};
export const ShownAnswer = ({
  answer: { task_id: taskId, data, costUsd, warnings = [] },
}: {
  answer: Answer;
}) => (
  <>
    {costUsd !== undefined && <p>Cost {dollars(costUsd)}</p>}
    {taskId === undefined ? (
      <Warnings warnings={warnings} />
    ) : (
      <FollowedTask key={taskId} taskId={taskId} atSubmit={warnings} />
    )}
    {data?.map((image, index) => (
      <MadeImage key={index} image={image} name={`image-${index + 1}.png`} />
    ))}
  </>
);

type FollowedProps = { taskId: string; atSubmit: string[] };

const FollowedTask = ({ taskId, atSubmit }: FollowedProps) => {
  const { value: task, error, reload } = useTask(taskId);
  return (
    <>
      <p>
        <a href={`#/tasks/${taskId}`}>
          <code class="id">{taskId}</code>
        </a>
      </p>
      <Warnings warnings={[...new Set([...atSubmit, ...(task?.warnings ?? [])])]} />
      <ErrorNote error={error} />
      {task !== undefined && <Progress task={task} onChanged={reload} />}
      {task?.fail_reason !== undefined && <p class="note bad">{task.fail_reason}</p>}
      {task !== undefined && <Results task={task} />}
    </>
  );
};

type MadeImageProps = { image: NonNullable<Answer['data']>[number]; name: string };

/** Base64 becomes a blob of its own, since the page takes no data URLs. */
const MadeImage = ({ image: { url, b64_json: base64, revised_prompt: text }, name }: MadeImageProps) => {
  const [link, setLink] = useState(url);
  useEffect(() => {
    if (base64 === undefined) return setLink(url);
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const own = URL.createObjectURL(new Blob([bytes]));
    setLink(own);
    return () => URL.revokeObjectURL(own);
  }, [url, base64]);
  return link === undefined ? null : <ImageResult link={link} name={name} text={text ?? 'The image'} />;
};
