import { cutText } from '../../cut-text.ts';
import type { ImageFailure } from '../image-provider.ts';

const maxQuotationCharacters = 300;

/** A provider's sentence about the caller's values, without what only concerns the provider's own account. */
export const quoteProvider = (message: string): string =>
  cutText(
    message
      .replace(/\b(?:https?:\/\/|www\.)\S+/g, '')
      .replace(/\(?\brequest[ _]id:? ?[\w-]+\)?/gi, '')
      // Keys, and ids of accounts: a short prefix and something long.
      .replace(/\b(?:AIza|[a-z]{2,4}[-_])(?=[\w*-]*[\d*])[\w*-]{16,}/g, '…')
      .replace(/\s+/g, ' ')
      .trim(),
    maxQuotationCharacters,
  );

export const refusedValue = (message: string): ImageFailure => ({
  status: 'refused',
  moderation: false,
  reason: `The provider refuses the request: ${quoteProvider(message)}`,
});

/** `word`: how the provider calls what it found. */
export const refusedContent = (word: string): ImageFailure => ({
  status: 'refused',
  moderation: true,
  reason: `The provider's content rules do not allow this image (${word}). Change the prompt; the same one will be refused again.`,
});
