import { useEffect, useState } from 'preact/hooks';
import { useGateway } from './context.ts';
import { ErrorNote } from './parts.tsx';
import { type Task, taskPath } from './wire.ts';

/** Whether a link may be shown as a picture or a video: https, or the gateway's own. */
const isShowable = (link: string): boolean => {
  if (!URL.canParse(link, location.href)) return false;
  const { protocol, origin } = new URL(link, location.href);
  return protocol === 'https:' || origin === location.origin;
};

/** A link that a media element may load: the result's own, or one to its bytes as the gateway hands them out. */
const useShowable = (link: string, taskId: string) => {
  const { api } = useGateway();
  const [url, setUrl] = useState<string | undefined>(isShowable(link) ? link : undefined);
  const [error, setError] = useState<Error>();
  useEffect(() => {
    if (isShowable(link)) return setUrl(link);
    let isOver = false;
    let own: string | undefined;
    const load = async () => {
      try {
        const bytes = await api.blob(`${taskPath(taskId)}/content`);
        if (isOver) return;
        own = URL.createObjectURL(bytes);
        setUrl(own);
      } catch (caught) {
        if (!isOver) setError(caught as Error);
      }
    };
    void load();
    return () => {
      isOver = true;
      if (own !== undefined) URL.revokeObjectURL(own);
    };
  }, [link, taskId]);
  return { url, error };
};

type ResultProps = { link: string; taskId: string };

const VideoResult = ({ link, taskId }: ResultProps) => {
  const { url, error } = useShowable(link, taskId);
  return (
    <figure class="result">
      {/* biome-ignore lint/a11y/useMediaCaption: nobody has written captions of a video that was just made */}
      <video controls playsInline preload="metadata" src={url} aria-label="The video" />
      <ErrorNote error={error} />
      {url !== undefined && <Download url={url} name={`${taskId}.mp4`} />}
    </figure>
  );
};

const Download = ({ url, name }: { url: string; name: string }) => (
  <a class="button" href={url} download={name} target="_blank" rel="noreferrer noopener">
    Download
  </a>
);

export const ImageResult = ({ link, name, text }: { link: string; name: string; text: string }) =>
  isShowable(link) || link.startsWith('blob:') ? (
    <figure class="result">
      <img src={link} alt={text} />
      <Download url={link} name={name} />
    </figure>
  ) : (
    <p class="quiet">
      The image lies at an address that this page does not load: <code>{link}</code>
    </p>
  );

export const Results = ({ task }: { task: Task }) => {
  const { task_id: taskId, images, result_url: link } = task;
  if (images !== undefined)
    return (
      <>
        {images.map(({ url, revised_prompt: text }, index) => (
          <ImageResult
            key={url}
            link={url}
            name={`${taskId}-${index + 1}.png`}
            text={text ?? `Image ${index + 1}`}
          />
        ))}
      </>
    );
  return link === undefined ? null : <VideoResult link={link} taskId={taskId} />;
};
