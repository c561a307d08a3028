import assert from "node:assert/strict";
import { nearestRegion } from "./nearest_region.ts";

Deno.test("nearestRegion: a zone, half a name, a place, a typing error; nothing for what is far from all", () => {
  const near = {
    "us-east": "us-east-1",
    "us-east-1a": "us-east-1",
    "Ireland": "eu-west-1",
    "EU (Frankfurt)": "eu-central-1",
    "São Paulo": "sa-east-1",
    "us-esat-1": "us-east-1",
    "eu-west1": "eu-west-1",
    "us_east_2": "us-east-2",
    "us-gov-west": "us-gov-west-1",
  };
  for (const [text, region] of Object.entries(near)) assert.equal(nearestRegion(text), region, text);
  for (const text of ["", "x", "somewhere over the rainbow"]) assert.equal(nearestRegion(text), undefined, text);
});
