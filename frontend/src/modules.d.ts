declare module "tabler/collapse";
declare module "tabler/dropdown";
declare module "*.css";
