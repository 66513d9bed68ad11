// app-root: who asks for the root of a host is sent to the page where the application begins.
import type { AnnotationKey, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { readValue, textOf } from '../values.ts';

const pathText = textOf('path+capture');

export const appRootKey: AnnotationKey<string> = {
  name: 'app-root',
  dialect: 'nginx',
  parse: (text) => {
    const parsed = pathText(text);
    if ('wanted' in parsed) return parsed;
    // A second slash would make the rest a host.
    return /^\/(?!\/)/.test(parsed.value) ? parsed : { wanted: 'a path that begins with one "/"' };
  },
  scope: 'route',
  risk: 'medium',
  onInvalid: 'default',
  defaultText: 'none',
  valueText: 'a path of letters, digits and `- . _ ~ / : $`',
  doc: 'Requests for `/` get 302 to this path, without their query and before any redirect to HTTPS. It acts where a path of the Ingress takes `/`; in ingress-nginx it acts without one, too.',
};

export const appRoot: Feature = defineFeature<{ readonly path: string }>({
  name: 'app-root',
  doc: 'Redirects from the root of a host to the page where the application begins.',
  keys: [appRootKey],
  after: ['body-size'],
  compile: (values) => {
    const path = readValue(values, appRootKey);
    // The root itself would be a redirect in a circle.
    return path === undefined || path === '/' ? null : { path };
  },
  prepare: ({ path }) => ({
    admit: ({ path: asked, scheme, authority }) => {
      if (asked !== '/' || authority === '') return null;
      return { status: 302, reason: 'app-root', location: `${scheme}://${authority}${path}` };
    },
  }),
  describe: ({ path }) => `redirect from "/" to "${path}"`,
});
