import * as z from 'zod/mini';
import { isBaseUrl, usdAmount } from '../lib/config.ts';
import { settingVariables } from '../lib/providers/accounts.ts';
import { registry } from '../lib/providers/registry.ts';

const baseUrlRule =
  'must be an https address without credentials, query and fragment, such as "https://proxy.example.com/videos"';
const isSafe = ({ protocol, hostname }: URL) => protocol === 'https:' || hostname === '127.0.0.1';
const baseUrl = z
  .string(baseUrlRule)
  .check(z.refine((text) => isBaseUrl(text) && isSafe(new URL(text)), baseUrlRule));

const fieldNames = z.array(
  z
    .string('must be a field name, such as "camera_style"')
    .check(z.regex(/^[a-z][a-z0-9_]*$/, 'must be a field name, such as "camera_style"')),
  'must be a list of field names, such as ["camera_style"]',
);

const usdRule = 'must be an amount in US dollars as text, such as "0.14"';
const usdText = z.string(usdRule).check(z.refine((text) => usdAmount.safeParse(text).success, usdRule));

/** `SOME_BASE_URL` is the setting `someBaseUrl`. */
const settingNameOf = (variable: string): string =>
  variable.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const settings = registry.descriptors.flatMap((descriptor) => {
  const { baseUrl: address, extraFields, unitPrice } = settingVariables(descriptor);
  return [
    { variable: address, schema: baseUrl },
    ...(extraFields === undefined ? [] : [{ variable: extraFields, schema: fieldNames }]),
    ...(unitPrice === undefined ? [] : [{ variable: unitPrice, schema: usdText }]),
  ].map((setting) => ({ ...setting, name: settingNameOf(setting.variable) }));
});

/** Other addresses of the providers, such as a proxy or another region, and fields that they have meanwhile. */
export const providerSettingsSchema = z.object(
  Object.fromEntries(settings.map(({ name, schema }) => [name, z.optional<z.ZodMiniType>(schema)])),
);
export const providerSettingNames: readonly string[] = settings.map(({ name }) => name);

/** What the functions are told of these settings. */
export const providerEnvironment = (given: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    settings.flatMap(({ name, variable }) =>
      given[name] === undefined ? [] : [[variable, String(given[name])]],
    ),
  );
