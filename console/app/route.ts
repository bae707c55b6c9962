import { useEffect, useState } from 'preact/hooks';

/** Where in the page somebody is; it stands behind the `#`, so that a link leads there and Back works. */
export type Route = { path: string; query: URLSearchParams };

const readRoute = (): Route => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path, query: new URLSearchParams(query) };
};

export const useRoute = (): Route => {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const follow = () => setRoute(readRoute());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
};

export const goTo = (path: string, query: Record<string, string> = {}): void => {
  const given = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []));
  const text = new URLSearchParams(given).toString();
  location.hash = `#/${path}${text === '' ? '' : `?${text}`}`;
};
