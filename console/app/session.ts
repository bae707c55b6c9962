/** The key of this tab. It goes with the tab, and other tabs do not see it. */
const name = 'clearmaas-key';

export const readKey = (): string | undefined => sessionStorage.getItem(name) ?? undefined;

export const keepKey = (key: string): void => sessionStorage.setItem(name, key);

export const forgetKey = (): void => sessionStorage.removeItem(name);
