declare module "xhr2" {
  const implementation: typeof XMLHttpRequest;
  export = implementation;
}
