<#
Installs onelogin-aws-assume-role from its GitHub releases, for Windows. No administrator, no change of PATH.

  irm https://github.com/onelogin/onelogin-aws-assume-role/raw/main/packaging/install.ps1 | iex
  .\install.ps1 -Version 3.0.0 -Dir C:\Tools

The archive must match the release's SHA256SUMS; nothing is installed before that is certain. If the GitHub CLI is
signed in, the attestation is verified too: it proves which workflow built the archive. -RequireAttestation makes that a
condition. OLAWS_RELEASES_URL names a mirror of https://github.com/.../releases.
#>
param(
  [string]$Version = '',
  [string]$Dir = "$env:LOCALAPPDATA\Programs\onelogin-aws-assume-role",
  [switch]$RequireAttestation
)

function Install-Program([string]$Version, [string]$Dir, [bool]$RequireAttestation) {
  Set-StrictMode -Version Latest
  $ErrorActionPreference = 'Stop'
  # Windows PowerShell draws a progress bar that makes downloads many times slower.
  $ProgressPreference = 'SilentlyContinue'
  [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12

  $name = 'onelogin-aws-assume-role'
  $repository = 'onelogin/onelogin-aws-assume-role'
  $releases = if ($env:OLAWS_RELEASES_URL) { $env:OLAWS_RELEASES_URL } else { "https://github.com/$repository/releases" }
  # Taken apart, so that a name before an "@" cannot pose as the host.
  $address = $null
  if (-not [Uri]::TryCreate($releases, [UriKind]::Absolute, [ref]$address) -or $address.UserInfo -or $address.Query -or $address.Fragment) {
    throw 'cannot use OLAWS_RELEASES_URL: it is not a plain address without user name and query'
  }
  $here = $address.Scheme -ceq 'http' -and $address.Host -in '127.0.0.1', 'localhost'
  if ($address.Scheme -cne 'https' -and -not $here) {
    throw 'cannot use OLAWS_RELEASES_URL: it is neither https nor on this machine'
  }
  $releases = $address.AbsoluteUri.TrimEnd('/')

  $machine = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 } else { $env:PROCESSOR_ARCHITECTURE }
  $arch = switch ($machine) {
    'AMD64' { 'x64' }
    'ARM64' { 'arm64' }
    default { throw "cannot install on '$machine': there is no release for it" }
  }

  if (-not $Version) {
    # Where the page of the latest release leads to, which has no limit per hour as GitHub's API has.
    $request = [Net.WebRequest]::CreateHttp("$releases/latest")
    $request.AllowAutoRedirect = $false
    $request.UserAgent = $name
    $reply = $request.GetResponse()
    $page = "$($reply.Headers['Location'])"
    $reply.Close()
    if ($page -notmatch '/tag/v([^/]+)$') { throw "cannot find the latest release at ${releases}: name one with -Version" }
    $Version = $Matches[1]
  }
  $Version = $Version -replace '^v', ''
  if ($Version -notmatch '^[0-9][0-9A-Za-z.+-]*$') { throw "cannot use the version '$Version': it is written like 3.0.0" }
  $folder = "$name-$Version-windows-$arch"
  $archive = "$folder.zip"

  $temporary = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid().ToString())
  New-Item -ItemType Directory -Path $temporary | Out-Null
  try {
    Write-Host "Downloading $archive..."
    foreach ($file in 'SHA256SUMS', $archive) {
      Invoke-WebRequest -UseBasicParsing "$releases/download/v$Version/$file" -OutFile (Join-Path $temporary $file)
    }
    $wanted = @(Get-Content (Join-Path $temporary 'SHA256SUMS') | ForEach-Object {
        if ($_ -match '^([0-9a-f]{64}) [ *](\S+)$' -and $Matches[2] -ceq $archive) { $Matches[1] }
      })
    if ($wanted.Count -ne 1) { throw "cannot verify ${archive}: SHA256SUMS of the release does not name it once" }
    $found = (Get-FileHash -Algorithm SHA256 (Join-Path $temporary $archive)).Hash.ToLowerInvariant()
    if ($found -cne $wanted[0]) { throw "cannot trust ${archive}: its checksum is $found, and the release says $($wanted[0])" }
    Write-Host 'The checksum is right.'

    $gh = [bool](Get-Command gh -ErrorAction SilentlyContinue)
    # Through cmd, because Windows PowerShell takes a line on a redirected stderr for a failure.
    if ($gh -and -not $RequireAttestation) {
      & cmd.exe /c 'gh auth status >nul 2>&1'
      $gh = $LASTEXITCODE -eq 0
    }
    if ($gh) {
      & gh attestation verify (Join-Path $temporary $archive) --repo $repository `
        --signer-workflow "$repository/.github/workflows/release.yml" | Out-Null
      if ($LASTEXITCODE -ne 0) { throw "cannot trust ${archive}: gh could not verify that $repository built it" }
      Write-Host 'The attestation is right.'
    }
    elseif ($RequireAttestation) {
      throw "cannot verify who built ${archive}: the GitHub CLI (gh) is not installed"
    }
    else {
      Write-Host 'Not checked: who built it. Sign in with the GitHub CLI (gh) to have that verified too.'
    }

    Expand-Archive (Join-Path $temporary $archive) -DestinationPath $temporary
    $program = Join-Path (Join-Path $temporary $folder) "$name.exe"
    # With what Windows itself needs and no other variable: a program that was not verified gets no token.
    $start = New-Object Diagnostics.ProcessStartInfo $program, '--version'
    $start.UseShellExecute = $false
    $start.RedirectStandardOutput = $true
    $start.EnvironmentVariables.Clear()
    foreach ($variable in 'SystemRoot', 'SystemDrive', 'TEMP', 'TMP') {
      $value = [Environment]::GetEnvironmentVariable($variable)
      if ($value) { $start.EnvironmentVariables[$variable] = $value }
    }
    $start.EnvironmentVariables['USERPROFILE'] = $temporary
    $process = [Diagnostics.Process]::Start($start)
    $said = $process.StandardOutput.ReadToEnd().Trim()
    $process.WaitForExit()
    if ($process.ExitCode -ne 0 -or -not "$said ".StartsWith("$name $Version ")) {
      throw "cannot trust the new program: it says it is '$said', not $Version"
    }
    New-Item -ItemType Directory -Force -Path $Dir | Out-Null
    Move-Item -Force $program (Join-Path $Dir "$name.exe")
    Write-Host "Installed ${said}: $(Join-Path $Dir "$name.exe")"
    if (($env:PATH -split ';') -notcontains $Dir) {
      Write-Host "It is not on your PATH yet; add this folder to it: $Dir"
    }
  }
  finally {
    Remove-Item -Recurse -Force $temporary
  }
}

Install-Program $Version $Dir $RequireAttestation
