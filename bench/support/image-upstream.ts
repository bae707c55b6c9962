import { startLargeImages } from './large-images.ts';
import { print } from './print.ts';

/** A provider that answers at once with one image of the size named in the first argument, in a process of its own. */
const { url } = await startLargeImages(Number(process.argv[2]));
print(url);
