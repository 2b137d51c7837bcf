import path from 'node:path';
import type { NextConfig } from 'next';

const repositoryRoot = path.join(import.meta.dirname, '..');

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: repositoryRoot,
  turbopack: { root: repositoryRoot },
  transpilePackages: ['@signalbox/proto'],
  poweredByHeader: false,
  reactStrictMode: true,
  // The front (Hono) is the only door; nothing here fetches images or talks to a third party.
  images: { unoptimized: true },
  devIndicators: false,
  agentRules: false,
  // `tsc -p web` is the type check; doing it twice would only slow the build.
  typescript: { ignoreBuildErrors: true },
  // The launcher and people reach the development server by either name.
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
  // Asked for by browsers where a page has not named its icon yet: one that leads on while it loads.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Referrer-Policy', value: 'same-origin' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=()' },
      ],
    },
  ],
};

export default config;
