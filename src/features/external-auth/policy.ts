// From the annotations and settings of external authentication to its policy. What cannot be carried out denies the route.
import type { AuthCacheRule, AuthKeepAlive, ExternalAuth, AuthTemplate } from '../../model/index.ts';
import type { AnnotationKey, AnnotationValues, CompileContext } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { isWithoutAuth } from '../no-auth-locations.ts';
import { readValue } from '../values.ts';
import * as global from './global-keys.ts';
import * as own from './keys.ts';
import { defaultLifetimes } from './lifetimes.ts';
import { readServer } from '../remote-server.ts';
import { parseTemplate } from '../request-template.ts';
import { isSettable } from './values.ts';

/** `fault`: why nobody comes in. */
export type ExternalAuthPolicy = { readonly auth: ExternalAuth } | { readonly fault: string };

const maxFields = 50;
const maxValueLength = 2_048;

/** What an endpoint learns from the proxy itself: not the server's to say. */
const ownFields =
  /^(?:x-forwarded-(?:for|host|port|proto|scheme)|x-original-forwarded-.*|x-real-ip|x-request-id|x-scheme|ssl-client-.*)$/i;

export function compile(values: AnnotationValues, context: CompileContext): ExternalAuthPolicy | null {
  if (isWithoutAuth(values, context)) return null;
  const url = readValue(values, own.urlKey);
  if (url !== undefined) return new Compiler(values, context, true).compile(url);
  if (readValue(values, own.enableGlobalKey) === false) return null;
  const globalUrl = readValue(values, global.globalUrlKey);
  return globalUrl === undefined ? null : new Compiler(values, context, false).compile(globalUrl);
}

class Fault extends Error {
  override readonly name = 'Fault';
}

/** One use. */
class Compiler {
  readonly #values: AnnotationValues;
  readonly #context: CompileContext;
  /** Of the Ingress; else of the settings. */
  readonly #isOwn: boolean;

  constructor(values: AnnotationValues, context: CompileContext, isOwn: boolean) {
    this.#values = values;
    this.#context = context;
    this.#isOwn = isOwn;
  }

  compile(url: string | null): ExternalAuthPolicy {
    try {
      if (url === null)
        throw new Fault('setting "global-auth-url" is none; the paths answer 503 until it is put right');
      return { auth: this.#read(url) };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const key = this.#isOwn ? renderKey(own.urlKey) : '';
      this.#context.report({ severity: 'error', code: 'AnnotationInvalid', key, message: error.message });
      return { fault: error.message };
    }
  }

  #read(url: string): ExternalAuth {
    const values = this.#values;
    const address = readServer(url, this.#context, readValue(values, global.allowedHostsKey));
    if (typeof address === 'string') throw this.#fault(own.urlKey, address);
    const { scheme, host, port, service, target } = address;
    const path = target.startsWith('/') ? target : `/${target}`;
    return {
      server: {
        scheme,
        host,
        port,
        service,
        verifies: readValue(values, own.verifyKey) ?? true,
        allowsLoopback: this.#context.allowsLoopback,
      },
      target: this.#template(path, own.urlKey),
      method: this.#pick(own.methodKey, global.globalMethodKey) ?? '',
      signIn: this.#signIn(),
      responseFields: this.#responseFields(),
      requestRedirect: this.#pick(own.requestRedirectKey, global.globalRequestRedirectKey) ?? '',
      alwaysSetsCookie: this.#pick(own.alwaysSetCookieKey, global.globalAlwaysSetCookieKey) ?? false,
      fields: this.#fields(),
      cache: this.#cache(),
      keepAlive: this.#keepAlive(),
    };
  }

  #pick<T>(ownKey: AnnotationKey<T>, globalKey: AnnotationKey<T>): T | undefined {
    return readValue(this.#values, this.#isOwn ? ownKey : globalKey);
  }

  #nameOf(key: AnnotationKey): string {
    return this.#isOwn ? `annotation "${renderKey(key)}"` : `setting "global-${key.name}"`;
  }

  #fault(key: AnnotationKey, what: string): Fault {
    return new Fault(`${this.#nameOf(key)} ${what}; the paths answer 503 until it is put right`);
  }

  #template(text: string, key: AnnotationKey): AuthTemplate {
    const parsed = parseTemplate(text, { namespace: this.#context.namespace });
    if ('template' in parsed) return parsed.template;
    throw this.#fault(key, `has the variable "${parsed.unknown}", which is not known here or one too many`);
  }

  /** The URL, and behind it what the client asked for, unless it says so already. */
  #signIn(): AuthTemplate | null {
    const text = this.#pick(own.signInKey, global.globalSignInKey);
    if (text === undefined) return null;
    const param = this.#pick(own.redirectParamKey, global.globalRedirectParamKey) ?? 'rd';
    const [before = '', query = ''] = text.split(/\?(.*)/, 2);
    const named = query.split('&').filter((each) => each !== '');
    const asked = '$pass_access_scheme://$http_host$escaped_request_uri';
    const has = named.some((each) => each.startsWith(`${param}=`) && each.length > param.length + 1);
    const full = has ? text : `${before}?${[...named, `${param}=${asked}`].join('&')}`;
    return this.#template(full, own.signInKey);
  }

  #responseFields(): readonly string[] {
    const names = this.#pick(own.responseHeadersKey, global.globalResponseHeadersKey);
    if (names === null) throw this.#fault(own.responseHeadersKey, 'is no list of names');
    const taken = (names ?? []).filter((name) => ownFields.test(name));
    for (const name of taken) {
      const message = `${this.#nameOf(own.responseHeadersKey)} has "${name}", which endpoints learn from the proxy; it is left out`;
      const key = this.#isOwn ? renderKey(own.responseHeadersKey) : '';
      this.#context.report({ severity: 'warning', code: 'AnnotationInvalid', key, message });
    }
    return (names ?? []).filter((name) => !taken.includes(name));
  }

  /** Of the ConfigMap. */
  #fields(): ExternalAuth['fields'] {
    const key = this.#isOwn ? readValue(this.#values, own.setHeadersKey) : undefined;
    if (key === undefined) return [];
    const { namespace, configMaps } = this.#context;
    const deny = (what: string): Fault =>
      this.#fault(own.setHeadersKey, `names the ConfigMap "${key}", ${what}`);
    if (!key.startsWith(`${namespace}/`)) throw deny('which is of another namespace');
    const data = configMaps.get(key);
    if (data === undefined) throw deny('which does not exist');
    const entries = Object.entries(data);
    if (entries.length > maxFields) throw deny(`which has more than ${maxFields} fields`);
    return entries.map(([name, text]) => {
      if (!isSettable(name))
        throw deny(`whose key ${JSON.stringify(name.slice(0, 50))} is no field that can be set`);
      const isValue =
        typeof text === 'string' && text.length <= maxValueLength && /^[\t\x20-\x7e]*$/.test(text);
      if (!isValue)
        throw deny(`whose field "${name}" has no value of ${maxValueLength} ASCII characters at most`);
      return [name, this.#template(text.trim(), own.setHeadersKey)] as const;
    });
  }

  #cache(): AuthCacheRule | null {
    const text = this.#pick(own.cacheKeyKey, global.globalCacheKeyKey);
    if (text === undefined) return null;
    const lifetimes = this.#pick(own.cacheDurationKey, global.globalCacheDurationKey) ?? defaultLifetimes;
    return { key: this.#template(text, own.cacheKeyKey), lifetimes };
  }

  #keepAlive(): AuthKeepAlive | null {
    const maxIdle = readValue(this.#values, own.keepAliveKey);
    if (maxIdle === undefined) return null;
    const maxRequests = readValue(this.#values, own.keepAliveRequestsKey) ?? 1_000;
    const idleSeconds = readValue(this.#values, own.keepAliveTimeoutKey) ?? 60;
    const isOff = maxIdle <= 0 || maxRequests <= 0 || idleSeconds <= 0;
    return { maxIdle: isOff ? 0 : maxIdle, maxRequests, idleMs: idleSeconds * 1_000 };
  }
}
