import type { InitializeMiddleware, Pluggable } from '@smithy/types';

/**
 * The SDK's errors do not say what was asked; with this plugin their messages begin with it, as in `PutItem: …`. It
 * takes the place of the SDK's logger, which copies each input and output for a log that nobody keeps.
 */
export const namingOperations = <Input extends object, Output extends object>(): Pluggable<
  Input,
  Output
> => ({
  applyToStack(stack) {
    const middleware: InitializeMiddleware<Input, Output> =
      (next, { commandName = '' }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          if (error instanceof Error)
            error.message = `${commandName.replace(/Command$/, '')}: ${error.message}`;
          throw error;
        }
      };
    stack.remove('loggerMiddleware');
    stack.add(middleware, { step: 'initialize', name: 'namingOperations' });
  },
});
